"""Workers that share an archive: with homes of their own, and one of them killed in the middle."""
