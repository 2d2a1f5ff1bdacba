# --- What functions say of themselves ---------------------------------------------------------------------------------
# The host compares what is found with the methods of an interface.


def signatures(module, names):
    """What is known of each of these functions."""
    find_module(module)            # if it is not there, that is said once
    return [describe(module + ":" + name) for name in names]


def describe(name):
    import inspect
    found = {"missing": None, "kind": "", "parameters": None, "result": None}
    try:
        function = find_function(name)
    except Missing as e:
        found["missing"] = str(e)
        return found
    if inspect.isasyncgenfunction(function):
        found["kind"] = "async generator"
    elif inspect.isgeneratorfunction(function):
        found["kind"] = "generator"
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return found               # written in C, and silent about it
    hints = annotations_of(function) if inspect.isroutine(function) else {}   # those of a class are its members'
    found["parameters"] = [{"name": each.name, "kind": int(each.kind), "has_default": each.default is not each.empty, "annotation": classes_of(hints[each.name]) if each.name in hints else None}
                           for each in parameters]
    found["result"] = classes_of(hints["return"]) if "return" in hints else None
    return found


def classes_of(hint):
    """The names of the classes that an annotation allows, or None where it says something else."""
    import typing
    origin = typing.get_origin(hint)
    if origin is typing.Union or type(hint).__name__ == "UnionType":
        parts = [classes_of(each) for each in typing.get_args(hint)]
        return None if None in parts else [name for part in parts for name in part]
    kind = hint if origin is None else origin
    return [name_of(kind)] if isinstance(kind, type) else None
