using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace Kernmantle.Functions.Descriptors;

/// <summary>The assemblies of this process that functions of it come from. Keeps none of them alive.</summary>
internal static class LoadedAssemblies
{
    private static readonly ConditionalWeakTable<Assembly, AssemblyIdentity> Identities = [];
    private static readonly ConditionalWeakTable<AssemblyLoadContext, PlugInIdentity> PlugIns = [];
    private static readonly ConcurrentDictionary<int, WeakReference<Assembly>> ByNumber = new();
    private static int lastAssembly;
    private static int lastPlugIn;

    /// <summary>Tells this process's numbers from those of its host and of its workers.</summary>
    public static Guid Process => Mark.Process;

    /// <summary>On its own: a worker asks for nothing else here, and would make the tables for it.</summary>
    private static class Mark
    {
        public static readonly Guid Process = Guid.NewGuid();
    }

    /// <exception cref="NotPortableException">The assembly exists only in the memory of this process.</exception>
    public static AssemblyIdentity Identify(Assembly assembly) =>
        Identities.TryGetValue(assembly, out AssemblyIdentity? known) ? known : Identities.GetOrAdd(assembly, Create(assembly));

    /// <summary>The assembly of a number that <see cref="Identify"/> gave in this process.</summary>
    public static Assembly? Find(int number) => ByNumber.TryGetValue(number, out WeakReference<Assembly>? reference) && reference.TryGetTarget(out Assembly? assembly) ? assembly : null;

    private static AssemblyIdentity Create(Assembly assembly)
    {
        string name = assembly.GetName().Name ?? "";
        AssemblyLoadContext? context = AssemblyLoadContext.GetLoadContext(assembly);
        bool isProgram = context is null || context == AssemblyLoadContext.Default;
        if (assembly.IsDynamic || (assembly.Location.Length == 0 && !(isProgram && IsSingleFile)))
            throw new NotPortableException($"Code of the assembly {name}, which exists only in the memory of this process,", "Load the assembly from a file.");
        int number = Interlocked.Increment(ref lastAssembly);
        ByNumber[number] = new(assembly);
        return new(number, name, assembly.ManifestModule.ModuleVersionId, assembly.Location, isProgram ? null : IdentifyContext(context!, assembly));
    }

    /// <summary>In a single-file program, the assemblies of the bundle have no file of their own.</summary>
    public static bool IsSingleFile => Assembly.GetEntryAssembly() is { Location.Length: 0 };

    private static PlugInIdentity IdentifyContext(AssemblyLoadContext context, Assembly assembly)
    {
        if (PlugIns.TryGetValue(context, out PlugInIdentity? known))
            return known;

        // The context does not say which assembly was its first; only a plug-in's main one has its dependencies listed beside it.
        Assembly main = context.Assemblies.FirstOrDefault(static a => !a.IsDynamic && a.Location.Length > 0 && File.Exists(Path.ChangeExtension(a.Location, ".deps.json"))) ?? assembly;
        return PlugIns.GetOrAdd(context, new PlugInIdentity(Interlocked.Increment(ref lastPlugIn), main.Location));
    }
}
