"""Books over HTTP: what authors send becomes jobs, and jobs become editions.

`desk.py` takes orders, `runner.py` sees to it that each is worked on by a process of its own, and
`work.py` is what that process does.
"""
