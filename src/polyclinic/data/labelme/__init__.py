"""Annotations drawn with labelme, among them the ANFC data set's."""
