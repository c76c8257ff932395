"""What is measured: one file for each question, with one function that answers it with a section of the report."""
