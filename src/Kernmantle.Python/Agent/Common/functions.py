# --- What is called, once its module is there ------------------------------------------------------------------------

def callable_in(target, module, path):
    for part in path.split("."):
        try:
            target = getattr(target, part)
        except AttributeError:
            raise Missing("Module '%s' (%s) has no '%s'." % (module, getattr(target, "__file__", "built in"), path))
    if not callable(target):
        raise Missing("'%s' in module '%s' is a %s and cannot be called. Read it with EvalAsync." % (path, module, type(target).__name__))
    return target


def method(instance, name):
    """A method of an object that was made here."""
    target = State.instances[instance]
    try:
        return getattr(target, name)
    except AttributeError:
        raise Missing("A %s has no '%s'." % (name_of(type(target)), name))
