using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.Loader;
using Kernmantle.Wire.Start;

namespace Kernmantle.Child.Hook;

/// <summary>
/// Finds what this library needs where the program itself does not know it: if a plug-in brought the library, the hook was loaded by
/// its path, and its dependencies lie beside it.
/// </summary>
internal static class HookDependencies
{
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "A trimmed program knows all its assemblies, so nothing is ever looked for here.")]
    public static void FindBeside(Assembly hook)
    {
        if (AssemblyFile.PathOf(hook) is not { } location || (AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string)?.Contains(location, StringComparison.Ordinal) == true)
            return;
        string folder = Path.GetDirectoryName(location)!;
        AssemblyLoadContext.Default.Resolving += (context, name) =>
        {
            string path = Path.Combine(folder, name.Name + ".dll");
            return File.Exists(path) ? context.LoadFromAssemblyPath(path) : null;
        };
    }
}
