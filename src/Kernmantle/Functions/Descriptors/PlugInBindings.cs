using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Functions.Descriptors;

/// <summary>What a load context of the host means by an assembly's name.</summary>
/// <param name="Name">The simple name.</param>
/// <param name="VersionId">The id of this very build.</param>
/// <param name="Path">Its file; empty: the program's own.</param>
internal sealed record PlugInBinding(string Name, Guid VersionId, string Path)
{
    public void Write(ref PayloadWriter writer)
    {
        writer.WriteString(Name);
        writer.WriteGuid(VersionId);
        writer.WriteString(Path);
    }

    public static PlugInBinding Read(ref PayloadReader reader) =>
        new(reader.ReadString() ?? throw new InvalidPayloadException("An assembly without a name."), reader.ReadGuid(), reader.ReadString() ?? "");
}

/// <summary>
/// Host: which version of each dependency a plug-in has, so that a worker loads the same ones. What the plug-in's context has loaded it has; where both the
/// program and the plug-in bring a copy, or neither does, only the context itself knows, and is asked, which loads the one it chooses, as its first use would.
/// A dependency that only one of them brings needs no answer: the worker finds the same one by itself.
/// </summary>
internal static class PlugInBindings
{
    private static readonly ConditionalWeakTable<AssemblyLoadContext, Known> Answers = [];
    private static readonly HashSet<string> Platform = [.. (AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(static path => Path.GetFileNameWithoutExtension(path))];

    public static IReadOnlyList<PlugInBinding> Of(AssemblyLoadContext context, PlugInIdentity identity)
    {
        if (Answers.TryGetValue(context, out Known? known) && known.Loaded == context.Assemblies.Count())
            return known.Bindings;
        PlugInBinding[] shared = [.. TakenFromProgram(context, new(identity.MainPath), Candidates(context, identity.MainPath))];
        PlugInBinding[] bindings = [.. Own(context).Select(static own => new PlugInBinding(own.GetName().Name!, own.ManifestModule.ModuleVersionId, own.Location)), .. shared];
        Answers.AddOrUpdate(context, new(context.Assemblies.Count(), bindings));
        return bindings;
    }

    private static IEnumerable<Assembly> Own(AssemblyLoadContext context) => context.Assemblies.Where(static a => !a.IsDynamic && a.Location.Length > 0);

    /// <summary>Has the context choose where it has a choice; what it then has loaded itself is its own.</summary>
    private static IEnumerable<PlugInBinding> TakenFromProgram(AssemblyLoadContext context, PlugInFiles copies, AssemblyName[] candidates)
    {
        foreach (AssemblyName name in candidates)
        {
            bool copied = copies.Find(name) is not null;
            if (copied == InProgram(name.Name!) && TryLoad(context, name) is { } chosen && copied && AssemblyLoadContext.GetLoadContext(chosen) == AssemblyLoadContext.Default)
                yield return new(name.Name!, chosen.ManifestModule.ModuleVersionId, "");
        }
    }

    /// <summary>What the plug-in's assemblies refer to, and what lies beside them.</summary>
    private static AssemblyName[] Candidates(AssemblyLoadContext context, string mainPath)
    {
        IEnumerable<AssemblyName> references = Own(context).SelectMany(static own => own.GetReferencedAssemblies());
        IEnumerable<AssemblyName> copies = Directory.EnumerateFiles(Path.GetDirectoryName(mainPath)!, "*.dll")
            .Where(static file => InProgram(Path.GetFileNameWithoutExtension(file))).Select(NameOf).OfType<AssemblyName>();
        return [.. references.Concat(copies).DistinctBy(static name => name.Name)];
    }

    private static bool InProgram(string name) =>
        Platform.Contains(name)
        || AssemblyLoadContext.Default.Assemblies.Any(a => a.GetName().Name == name)
        || (LoadedAssemblies.IsSingleFile && TryLoad(AssemblyLoadContext.Default, new AssemblyName(name)) is not null);

    private static Assembly? TryLoad(AssemblyLoadContext context, AssemblyName name)
    {
        try
        {
            return context.LoadFromAssemblyName(name);
        }
        catch (Exception)
        {
            // The context is the user's code and may throw whatever it likes. Whoever needs this assembly meets the same there: it is not ours to report.
            return null;
        }
    }

    private static AssemblyName? NameOf(string file)
    {
        try
        {
            return AssemblyName.GetAssemblyName(file);
        }
        catch (Exception e) when (e is BadImageFormatException or IOException or UnauthorizedAccessException)
        {
            return null;   // a native library, or no longer there
        }
    }

    private sealed record Known(int Loaded, PlugInBinding[] Bindings);
}

/// <summary>The files that a plug-in brings: what its list of dependencies names, else what lies beside it.</summary>
internal sealed class PlugInFiles
{
    private readonly string folder;
    private readonly AssemblyDependencyResolver? resolver;

    public PlugInFiles(string mainPath)
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

    public string? Find(AssemblyName name)
    {
        string? path = resolver?.ResolveAssemblyToPath(name);
        if (path is null && string.IsNullOrEmpty(name.CultureName))
            path = Path.Combine(folder, $"{name.Name}.dll");
        return File.Exists(path) ? path : null;
    }

    public string? FindNative(string name) => resolver?.ResolveUnmanagedDllToPath(name);
}
