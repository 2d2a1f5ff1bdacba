using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Loader;

namespace Kernmantle.Functions.Descriptors;

/// <summary>
/// The worker's counterpart of a load context of the host: a plug-in with its own dependencies, version for version those that it has there
/// (<see cref="PlugInBindings"/>). What the host did not know of, such as what code loads by name at run time, is the plug-in's own copy, else the program's.
/// </summary>
internal sealed class PlugInContext : AssemblyLoadContext
{
    private static readonly ConcurrentDictionary<(Guid Process, int Number), Lazy<PlugInContext>> Known = new();

    private readonly PlugInFiles files;
    private readonly ConcurrentDictionary<string, PlugInBinding> bindings = new();

    private PlugInContext(string mainPath)
        : base(Path.GetFileNameWithoutExtension(mainPath)) => files = new(mainPath);

    /// <summary>The one context for this plug-in of that host.</summary>
    public static PlugInContext For(Guid process, PlugInIdentity identity) =>
        Known.GetOrAdd((process, identity.Number), static (_, path) => new(() => new(path)), identity.MainPath).Value;

    /// <summary>From now on these names mean these builds.</summary>
    /// <exception cref="FunctionUnavailableException">One of them means another build here already.</exception>
    public void Bind(IEnumerable<PlugInBinding> wanted)
    {
        foreach (PlugInBinding binding in wanted)
        {
            PlugInBinding known = bindings.GetOrAdd(binding.Name, binding);
            if (known.VersionId != binding.VersionId || Assemblies.Any(a => a.GetName().Name == binding.Name && a.ManifestModule.ModuleVersionId != binding.VersionId))
            {
                throw new FunctionUnavailableException(
                    $"The plug-in {Name} has another build of {binding.Name} in its host ({(binding.Path.Length > 0 ? binding.Path : "the program's")}) than the one that this worker has loaded for it before. Load the plug-in in a new AssemblyLoadContext.",
                    FunctionUnavailableReason.CodeChanged,
                    binding.Name);
            }
        }
    }

    /// <summary>The assembly of that name in this context; from this file if it is not loaded yet.</summary>
    public Assembly LoadOwn(string name, string path) =>
        Assemblies.FirstOrDefault(a => a.GetName().Name == name) ?? LoadFromAssemblyPath(path);

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (!bindings.TryGetValue(assemblyName.Name ?? "", out PlugInBinding? binding))
            return files.Find(assemblyName) is { } path ? LoadFromAssemblyPath(path) : null;
        if (binding.Path.Length == 0)
            return Default.LoadFromAssemblyName(new AssemblyName { Name = assemblyName.Name, CultureName = assemblyName.CultureName });
        Assembly found = LoadFromAssemblyPath(binding.Path);
        return found.ManifestModule.ModuleVersionId == binding.VersionId
            ? found
            : throw new FileLoadException($"The assembly {assemblyName.Name} ({binding.Path}) changed since the host loaded it for the plug-in {Name}. {AssemblyFinder.LoadAgain}", binding.Path);
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        files.FindNative(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : 0;
}
