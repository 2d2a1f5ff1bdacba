using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Loader;

namespace Kernmantle.Calls;

/// <summary>
/// The worker's counterpart of a load context of the host: a plug-in with its own dependencies. What the program
/// itself has in at least the version that is asked for comes from the program, so that shared types are the same type on both sides.
/// </summary>
internal sealed class PlugInContext : AssemblyLoadContext
{
    private static readonly ConcurrentDictionary<(Guid Process, PlugInIdentity Identity), Lazy<PlugInContext>> Known = new();

    private readonly string folder;
    private readonly AssemblyDependencyResolver? resolver;

    private PlugInContext(string mainPath)
        : base(Path.GetFileNameWithoutExtension(mainPath))
    {
        folder = Path.GetDirectoryName(mainPath) ?? "";
        try
        {
            resolver = new AssemblyDependencyResolver(mainPath);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // No dependency list that can be read, or a program whose host has no resolver: what lies beside the plug-in counts.
        }
    }

    /// <summary>The one context for this plug-in of that host.</summary>
    public static PlugInContext For(Guid process, PlugInIdentity identity) =>
        Known.GetOrAdd((process, identity), static key => new(() => new(key.Identity.MainPath))).Value;

    /// <summary>The assembly of that name in this context; from this file if it is not loaded yet.</summary>
    public Assembly LoadOwn(string name, string path) =>
        Assemblies.FirstOrDefault(a => a.GetName().Name == name) ?? LoadFromAssemblyPath(path);

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (FromProgram(assemblyName) is { } shared)
            return shared;
        string? path = resolver?.ResolveAssemblyToPath(assemblyName);
        if (path is null && string.IsNullOrEmpty(assemblyName.CultureName))
            path = Path.Combine(folder, $"{assemblyName.Name}.dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        resolver?.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : 0;

    private static Assembly? FromProgram(AssemblyName wanted)
    {
        try
        {
            Assembly found = Default.LoadFromAssemblyName(new AssemblyName { Name = wanted.Name, CultureName = wanted.CultureName });
            return wanted.Version is null || found.GetName().Version >= wanted.Version ? found : null;
        }
        catch (Exception e) when (e is FileNotFoundException or FileLoadException)
        {
            return null;   // the usual case: it is the plug-in's own
        }
    }
}
