using System.Reflection;
using Kernmantle.Platform.Linux;
using Kernmantle.Wire.Start;

namespace Kernmantle.Host.Launch.Plan;

/// <summary>How to start this program again.</summary>
/// <param name="Direct">By the entry point of this library; null where that cannot be.</param>
/// <param name="Executable">Else, or where the worker has start-up hooks of the user's: what to start, to be taken over by our own hook.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="HookName">By which the runtime finds our hook.</param>
internal sealed record LaunchPlan(DirectStart? Direct, string Executable, IReadOnlyList<string> Arguments, string HookName)
{
    private static readonly Lazy<LaunchPlan> Own = new(Create);

    /// <summary>The program's configuration names start-up hooks, which run in workers too.</summary>
    public bool HasHooks { get; private init; }

    /// <summary>The plan for this process.</summary>
    /// <exception cref="PlatformNotSupportedException">This program cannot start workers; the message says why and what to do.</exception>
    public static LaunchPlan Current => Own.Value;

    /// <summary>The arguments for <c>dotnet</c>; an app host (also self-contained or single-file) needs none.</summary>
    internal static IReadOnlyList<string> ArgumentsFor(string executable, HostCommandLine commandLine, StartPlaces places)
    {
        if (!DirectStart.IsDotnet(executable))
            return [];
        string application = commandLine.Application is { } written ? places.Application(written)
            : places.EntryAssembly ?? throw LaunchSupport.NotSupported("the entry assembly has no file that dotnet could run again", "Start the program with 'dotnet app.dll' or through its app host.");
        return ["exec", .. HostCommandLine.Format(commandLine.Options, places), application];
    }

    private static LaunchPlan Create()
    {
        LaunchSupport.Check();
        Assembly library = typeof(LaunchPlan).Assembly;
        string hook = AssemblyFile.HookNameOf(library);
        string executable = Environment.ProcessPath!;
        HostCommandLine commandLine = HostCommandLine.Parse(ProcFiles.CommandLine());
        var places = new StartPlaces(
            Environment.CurrentDirectory,
            AssemblyFile.PathOf(Assembly.GetEntryAssembly()!),
            Environment.GetEnvironmentVariable("PWD"),
            static path => File.Exists(path) || Directory.Exists(path));
        bool hasHooks = NamesHooks(hook);
        DirectStart? direct = IsOfTheProgram(library) && !hasHooks
            ? DirectStart.Find(executable, commandLine, places, AssemblyFile.PathOf(library), AssemblyFile.PathOf(typeof(object).Assembly))
            : null;
        if (direct is null)
            LaunchSupport.CheckHooks();
        return new(direct, executable, ArgumentsFor(executable, commandLine, places), hook) { HasHooks = hasHooks };
    }

    /// <summary>Not of a plug-in: the program knows it, and what it depends on.</summary>
    private static bool IsOfTheProgram(Assembly library) => AssemblyFile.PathOf(library) is { } path
        && (AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? "").Split(Path.PathSeparator).Contains(path, StringComparer.Ordinal);

    /// <summary>The program has start-up hooks, also from its configuration: ours runs those that workers have too.</summary>
    private static bool NamesHooks(string own) => InheritedVariables.Hooks(AppContext.GetData("STARTUP_HOOKS") as string, own) is not [];
}
