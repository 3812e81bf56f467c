"""Row filters, one a file: each looks at one row and returns None to let it pass, else the reason to reject it.

They judge what needs no second row and no call. What needs other rows (duplicates, test questions) is a dataset's.
"""
