"""How well probabilities and grades agree with what was annotated, for any weights of objects.

Shape letters: M objects (images, or instances), R sets of weights, C classes, K distinct scores,
B bins. A whole weight k gives what k copies of the object would give. A figure is NaN where it
does not exist, and where an object that counts has no number: an unknown probability is neither
left out nor taken as wrong.
"""
