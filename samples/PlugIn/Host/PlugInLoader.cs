using System.Reflection;
using System.Runtime.Loader;
using PlugIn.Contract;

namespace PlugIn.Host;

/// <summary>Loads a plug-in by its path, with the dependencies that lie beside it. Runs in the worker: nothing of the plug-in is loaded in the host.</summary>
internal static class PlugInLoader
{
    public static ITextPlugIn Load(string path)
    {
        Assembly assembly = new PlugInContext(path).LoadFromAssemblyPath(path);
        Type type = assembly.GetExportedTypes().FirstOrDefault(static type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(ITextPlugIn)))
            ?? throw new InvalidOperationException($"{Path.GetFileName(path)} has no class that implements {nameof(ITextPlugIn)}.");
        return (ITextPlugIn)Activator.CreateInstance(type)!;
    }

    /// <summary>Finds dependencies through the plug-in's own .deps.json; what is not listed there (the contract) comes from the host.</summary>
    private sealed class PlugInContext(string path) : AssemblyLoadContext(Path.GetFileNameWithoutExtension(path))
    {
        private readonly AssemblyDependencyResolver resolver = new(path);

        protected override Assembly? Load(AssemblyName assemblyName) =>
            resolver.ResolveAssemblyToPath(assemblyName) is { } file ? LoadFromAssemblyPath(file) : null;

        protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
            resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } file ? LoadUnmanagedDllFromPath(file) : 0;
    }
}
