"""What both generators write with."""


def pack(cells):
    """Prints CELLS, several to a line."""
    line = "\t"
    for cell in cells:
        if len(line) + len(cell) > 90:
            print(line.rstrip())
            line = "\t"
        line += cell + " "
    if line.strip():
        print(line.rstrip())
