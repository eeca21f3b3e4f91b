"""The protocol of a study: a draft that is edited, versions that are kept, and the steps in which a new one is made."""
