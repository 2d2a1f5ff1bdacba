# --- How a program exits ---------------------------------------------------------------------------------------------

def exit_code(exit):
    if exit.code is None:
        return 0
    if isinstance(exit.code, int):
        return exit.code
    sys.stderr.write("%s\n" % (exit.code,))
    return 1
