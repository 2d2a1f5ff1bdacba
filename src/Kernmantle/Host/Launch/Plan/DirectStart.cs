namespace Kernmantle.Host.Launch.Plan;

/// <summary>
/// How <c>dotnet</c> starts this library in the program's place, with the program's lists of dependencies and settings. The program's <c>Main</c> cannot be entered
/// so, whatever goes wrong, and no start-up hook needs to be found, which costs a fifth of a worker's start.
/// </summary>
/// <param name="Executable">The <c>dotnet</c> that runs this program, or that belongs to the runtime which its app host has found.</param>
/// <param name="Arguments">What follows it.</param>
internal sealed record DirectStart(string Executable, IReadOnlyList<string> Arguments)
{
    private const string DepsFile = "--depsfile", RuntimeConfig = "--runtimeconfig";

    /// <summary>Null: the program cannot be started so.</summary>
    /// <param name="executable">What this process runs.</param>
    /// <param name="commandLine">As it was given to <c>dotnet</c>; of an app host, none.</param>
    /// <param name="places">Where the program is.</param>
    /// <param name="library">The file of this library; null in a single-file program.</param>
    /// <param name="runtime">The file of the runtime's own library.</param>
    public static DirectStart? Find(string executable, HostCommandLine commandLine, StartPlaces places, string? library, string? runtime)
    {
        // The list of dependencies is read as that of the application's folder: the program's, where this library lies beside it.
        if (places.EntryAssembly is not { } entry || library is null || entry == library || Path.GetDirectoryName(entry) != Path.GetDirectoryName(library))
            return null;
        string? dotnet = IsDotnet(executable) ? executable : MuxerOf(runtime);
        if (dotnet is null || !places.Exists(dotnet))
            return null;
        IReadOnlyList<(string Name, string Value)> given = IsDotnet(executable) ? commandLine.Options : [];
        string deps = FileOf(DepsFile, ".deps.json"), config = FileOf(RuntimeConfig, ".runtimeconfig.json");
        if (!places.Exists(deps) || !places.Exists(config))
            return null;
        var others = given.Where(static o => o.Name is not (DepsFile or RuntimeConfig));
        return new(dotnet, ["exec", DepsFile, deps, RuntimeConfig, config, .. HostCommandLine.Format(others, places), library, entry]);

        string FileOf(string option, string extension) =>
            given.LastOrDefault(o => o.Name == option).Value is { } written ? places.Other(written) : Path.ChangeExtension(entry, null) + extension;
    }

    public static bool IsDotnet(string executable) => Path.GetFileNameWithoutExtension(executable) == "dotnet";

    /// <summary>Of <c>ROOT/shared/Microsoft.NETCore.App/VERSION/System.Private.CoreLib.dll</c>. A program that brings its own runtime has none.</summary>
    private static string? MuxerOf(string? runtime)
    {
        string? framework = Path.GetDirectoryName(Path.GetDirectoryName(runtime));
        string? shared = Path.GetDirectoryName(framework);
        return Path.GetFileName(framework) == "Microsoft.NETCore.App" && Path.GetFileName(shared) == "shared" && Path.GetDirectoryName(shared) is { } root
            ? Path.Combine(root, "dotnet")
            : null;
    }
}
