"""Setting metrology: will the stone go in, sit and stay, measured on the finished mesh without any label.

Only the stone (its proportions), where it should sit and the rules are known; everything else is found by rays from
the stone's axis and by cones fitted to vertices.
"""
