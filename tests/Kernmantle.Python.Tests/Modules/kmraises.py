missing = 1 / 0
