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
    import inspect
    import typing
    try:
        hints = typing.get_type_hints(function)
        bound = inspect.signature(function).bind_partial(*args, **keywords)
    except Exception:
        return args, keywords      # no annotations to be had: it gets the records as they are, and says itself what it misses
    for name, value in bound.arguments.items():
        wanted = hints.get(name)
        if type(value) is types.SimpleNamespace and isinstance(wanted, type):
            bound.arguments[name] = record_as(value, wanted)
    return bound.args, bound.kwargs


def plain(name):
    return name.replace("_", "").lower()


def record_as(value, wanted):
    import typing
    names = list(getattr(wanted, "__dataclass_fields__", ())) or list(getattr(wanted, "_fields", ()))
    if not names:
        return value
    try:
        hints = typing.get_type_hints(wanted)
    except Exception:
        hints = {}                 # names that only a checker knows
    fields = {plain(name): each for name, each in vars(value).items()}
    arguments = {}
    for name in names:
        if plain(name) in fields:
            each = fields[plain(name)]
            inner = hints.get(name)
            arguments[name] = record_as(each, inner) if type(each) is types.SimpleNamespace and isinstance(inner, type) else each
    return wanted(**arguments)
