"""The differences to Jinja2 that are meant to be: each with its reason, as narrow as possible.

Not listed, since they are no differences of a template's text: addresses of objects (ours are all
0x7f0000000000, so that a text is the same in every run), |random and lipsum() (not compared), and
what one side's limits on time and memory end.
"""
import re


def reason(case, ours, theirs, oracle):
    """Why this difference is accepted, else None. ours, theirs: as in compare.py's verdict()."""
    _, kind, template = case
    # cut up, an address is no address to compare.py; it may be the same in all tries
    same = len({re.sub(r"0x7f[0-9a-f]{10}", "0x", re.sub(r"\W", "", str(text[1]))) for text in (ours, theirs)}) == 1
    if theirs[0] == "=" and (same and "0x7f" in re.sub(r"\W", "", str(theirs[1]))
                             or any(oracle(kind, template) != theirs for _ in range(3))):
        return "Jinja2's own text is another each time (it holds an object's address, cut up)"
    if theirs[0] == "!" and theirs[1] in ("NameError: name 'inf' is not defined",
                                          "NameError: name 'nan' is not defined"):
        return "Jinja2 compiles an infinite constant to a name that is not defined; ours has it"
    if theirs[0] == "!" and theirs[1].startswith("AssertionError: Tried to resolve a name to a ref"):
        return "Jinja2 does not look up names in the filter of a set block; ours does"
    if re.search(r"\.(to_bytes|from_bytes|fromhex)\b", template):
        return "int.to_bytes, int.from_bytes and float.fromhex are not built"
    if kind in "NK" and theirs[0] == "=" and re.search(r"\d[jJ]|\.\.\.", template):
        return "complex numbers and the Ellipsis stay text in as_native"
    if re.search(r"\.encode\([^()]*\)+\.\w", template):
        return "bytes has no methods but decode()"
    if theirs[0] == "=" and re.search(r"'0', 'x', '7', '[ef]'", theirs[1]):
        return "a text that holds an object's address, as a list of its characters"
    if re.search(r"wordwrap\([^)]*\d\.\d", template):
        return "wordwrap wants whole numbers"
    if ours and ours[0] == "!" and ours[1].endswith("complex numbers are not supported"):
        return "complex numbers (a negative number to a fractional power) are an error"
    return None
