"""DeepMT-ND: diagnosis of blurred immunofluorescence images of kidneys."""
