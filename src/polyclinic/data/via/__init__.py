"""Points and boxes drawn with the VGG Image Annotator (VIA, Dutta and Zisserman, 2019)."""
