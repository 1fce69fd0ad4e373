"""What datasets there are, before any release of them is opened: one YAML file a dataset, the
vocabulary of their labels and the publishers' known errors, with the models that validate
them."""
