# --- The module logging ----------------------------------------------------------------------------------------------

class LoggingHook:
    """Waits for the module logging, which costs 10 ms and which not everybody needs."""

    def find_spec(self, name, path=None, target=None):
        if name != "logging":
            return None
        sys.meta_path.remove(self)
        from importlib.machinery import PathFinder
        spec = PathFinder.find_spec(name, path)
        if spec is not None:
            spec.loader = PatchingLoader(spec.loader)
        return spec


class PatchingLoader:
    def __init__(self, loader):
        self.loader = loader

    def __getattr__(self, name):
        return getattr(self.loader, name)

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self.loader
        self.loader.exec_module(module)
        patch_logging(module)
