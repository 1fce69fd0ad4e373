"""The catalogue: everything known of the datasets before a release is opened. One YAML file per
dataset, the vocabulary of their labels, the corrections of the publishers' known errors, and
the models that validate them."""
