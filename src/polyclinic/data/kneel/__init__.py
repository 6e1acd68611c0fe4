"""The annotation table of KNEEL: 16 landmarks of single knees, cut from films.

Tiulpin, Melekhov, Saarakkala: "KNEEL: Knee Anatomical Landmark Localization Using Hourglass
Networks", ICCV workshop VRMI 2019. Neither the table nor its images come with polyclinic.
"""
