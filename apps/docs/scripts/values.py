"""Records what the left side of a page's tables gives: python values.py ../../docs/coming-from/numpy.md numpy"""

import json
import pathlib
import re
import sys

page, name = sys.argv[1:]
text = pathlib.Path(page).read_text()
preamble = re.search(r"^```python\n(.*?)^```", text, re.S | re.M).group(1)


def plain(value):
    if hasattr(value, "detach"):
        value = value.detach()
    if hasattr(value, "tolist"):
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value


values = {}
for cell in re.findall(r"^\| `([^`]+)` \| `[^`]+` \|$", text, re.M):
    scope = {}
    exec(preamble, scope)  # each row begins anew, and so does the generator
    values[cell] = plain(eval(cell, scope))
module = __import__({"numpy": "numpy", "pytorch": "torch"}[name])
out = pathlib.Path(__file__).parent.parent / "test/fixtures" / f"{name}.json"
out.write_text(json.dumps({"version": module.__version__, "values": values}, indent=1) + "\n")
