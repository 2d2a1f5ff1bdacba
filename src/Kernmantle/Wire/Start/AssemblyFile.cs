using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Kernmantle.Wire.Start;

/// <summary>Where an assembly was loaded from, and by which name a start-up hook in it is found.</summary>
internal static class AssemblyFile
{
    /// <summary>The full path; null in a single-file program, whose assemblies have none.</summary>
    [UnconditionalSuppressMessage("SingleFile", "IL3000", Justification = "The empty string is what is asked about.")]
    public static string? PathOf(Assembly assembly) => assembly.Location is { Length: > 0 } path ? path : null;

    /// <summary>
    /// By path where there is one, as the program's own list of assemblies need not contain us (a plug-in brought us). By name in a single
    /// file, and where the path contains the separator of the list.
    /// </summary>
    public static string HookNameOf(Assembly assembly) =>
        PathOf(assembly) is { } path && !path.Contains(Path.PathSeparator) ? path : assembly.GetName().Name!;
}
