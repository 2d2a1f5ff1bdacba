using System.Reflection;
using System.Runtime.Loader;

namespace Kernmantle.Functions.Descriptors;

/// <summary>Worker: finds the assemblies that the host named, in exactly the build that the host has.</summary>
internal static class AssemblyFinder
{
    /// <summary>The remedy for a plug-in whose file has changed.</summary>
    public const string LoadAgain = "Load the plug-in again, in a new AssemblyLoadContext: calls of functions from there run the new code.";

    /// <exception cref="FunctionUnavailableException">It is not there, or is another build.</exception>
    public static Assembly Find(AssemblyIdentity identity, Guid process)
    {
        Assembly found;
        try
        {
            found = Load(identity, process);
        }
        catch (Exception e) when (e is FileNotFoundException or FileLoadException or BadImageFormatException)
        {
            throw new FunctionUnavailableException(
                $"The worker could not load the assembly {identity.Name} ({File(identity)}): {e.Message} Deploy it with the program, or with the plug-in it belongs to.",
                FunctionUnavailableReason.AssemblyMissing,
                identity.Name);
        }
        if (found.ManifestModule.ModuleVersionId != identity.VersionId)
        {
            throw new FunctionUnavailableException(
                $"The assembly {identity.Name} ({File(identity)}) changed since the host loaded it. {(identity.PlugIn is null ? "Restart the host." : LoadAgain)}",
                FunctionUnavailableReason.CodeChanged,
                identity.Name);
        }
        return found;
    }

    private static Assembly Load(AssemblyIdentity identity, Guid process)
    {
        // Where the host is this process (the inline pool), what it has loaded is the very thing.
        if (process == LoadedAssemblies.Process && LoadedAssemblies.Find(identity.Number) is { } own)
            return own;
        if (identity.PlugIn is not null)
            return PlugInContext.For(process, identity.PlugIn).LoadOwn(identity.Name, identity.Path);
        try
        {
            // By its bare name: another version must be found too, to be reported as changed.
            return AssemblyLoadContext.Default.LoadFromAssemblyName(new AssemblyName { Name = identity.Name });
        }
        catch (FileNotFoundException) when (System.IO.File.Exists(identity.Path))
        {
            // A test host or the like had a resolver of its own, set up in a Main that does not run here.
            return Assembly.LoadFrom(identity.Path);
        }
    }

    private static string File(AssemblyIdentity identity) => identity.Path.Length > 0 ? identity.Path : "in the program's single file";
}
