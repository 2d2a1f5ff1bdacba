# --- Functions by their names ----------------------------------------------------------------------------------------

places = {}                        # name -> (name of its module, the module, attribute) of functions at the top of a module


def resolve(name):
    place = places.get(name)
    if place is not None:
        module, target, attribute = place
        if sys.modules.get(module) is target:
            function = getattr(target, attribute, None)
            if callable(function):
                return function
    return find_function(name)


def find_function(name):
    module, colon, path = name.rpartition(":")
    if not colon:
        module, _, path = name.rpartition(".")
        module = module or "builtins"
    if not module or not path:
        raise Missing("'%s' names no function. Write module:function." % name)
    module, target = find_module(module)
    if "." not in path:
        places[name] = module, target, path
    return callable_in(target, module, path)


def find_module(name):
    """A module by its name, or by the full path of its file: (its name in sys.modules, itself)."""
    import importlib
    try:
        with uninterrupted:        # a module that is half imported cannot be imported again
            if os.path.isabs(name):
                return find_file(name)
            return name, State.main_module if name == "__main__" else importlib.import_module(name)
    except ModuleNotFoundError as e:
        if e.name is not None and (name == e.name or name.startswith(e.name + ".")):
            raise Missing("There is no module '%s'. Looked for in: %s. Add its folder to PythonPoolOptions.ModulePaths, or install it for %s."
                          % (e.name, os.pathsep.join(filter(None, sys.path)), sys.executable)) from None
        raise


def find_file(file):
    """Under the name by which others beside it import it, unless that is another module's: then its path is its name."""
    import importlib.util
    if not file.endswith(".py") or not os.path.isfile(file):
        raise Missing("There is no Python file '%s'." % file)
    folder, name = os.path.split(file)
    name = name[:-len(".py")]
    if folder not in sys.path:
        sys.path.append(folder)    # it imports what is beside it
    try:
        spec = importlib.util.find_spec(name) if name.isidentifier() else None
    except ValueError:             # a module that does not say where it is from
        spec = None
    if spec is not None and spec.origin is not None and os.path.exists(spec.origin) and os.path.samefile(spec.origin, file):
        return name, importlib.import_module(name)
    if file not in sys.modules:
        spec = importlib.util.spec_from_file_location(file, file)
        sys.modules[file] = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(sys.modules[file])
        except BaseException:
            del sys.modules[file]
            raise
    return file, sys.modules[file]


def adapt(function, args, keywords):
    """Records become what the function's annotations name: a dataclass or a named tuple."""
    if not any(type(each) is types.SimpleNamespace for each in args) and not any(type(each) is types.SimpleNamespace for each in keywords.values()):
        return args, keywords
    bound = bind(function, args, keywords)
    if bound is None:
        return args, keywords      # no annotations to be had: it gets the records as they are, and says itself what it misses
    hints = annotations_of(function)
    for name, value in bound.arguments.items():
        bound.arguments[name] = record_as(value, hints.get(name))
    return bound.args, bound.kwargs


def adapt_to_items(function, items):
    """The function of a map, which is called with each of the items: with records as its annotation has them."""
    if not any(type(each) is types.SimpleNamespace for each in items):
        return function
    bound = bind(function, items[:1], {})
    hints = annotations_of(function)
    wanted = class_in(hints.get(next(iter(bound.arguments)))) if bound is not None else None
    return function if wanted is None else lambda item: function(record_as(item, wanted))


def bind(function, args, keywords):
    import inspect
    try:
        return inspect.signature(function).bind_partial(*args, **keywords)
    except Exception:
        return None                # it does not tell its parameters, or these are not its


def annotations_of(function):
    """What its annotations name. Of a class: its own, which are a dataclass's and a named tuple's, and those of its constructor."""
    import typing
    hints = {}
    for each in (function, function.__init__) if isinstance(function, type) else (function,):
        try:
            hints.update(typing.get_type_hints(each))
        except Exception:
            pass                   # none, or names that only a checker knows
    return hints


def class_in(hint):
    """The class that an annotation names, if it is one, or None."""
    import typing
    if typing.get_origin(hint) in (typing.Union, getattr(types, "UnionType", typing.Union)):
        choices = [each for each in typing.get_args(hint) if each is not type(None)]
        hint = choices[0] if len(choices) == 1 else None
    return hint if isinstance(hint, type) else None


def plain(name):
    return name.replace("_", "").lower()


def record_as(value, hint):
    """A record as the annotation has it; anything else as it is."""
    wanted = class_in(hint) if type(value) is types.SimpleNamespace else None
    names = list(getattr(wanted, "__dataclass_fields__", ())) or list(getattr(wanted, "_fields", ()))
    if not names:
        return value
    hints = annotations_of(wanted)
    fields = {plain(name): each for name, each in vars(value).items()}
    arguments = {}
    for name in names:
        if plain(name) in fields:
            arguments[name] = record_as(fields[plain(name)], hints.get(name))
    return wanted(**arguments)
