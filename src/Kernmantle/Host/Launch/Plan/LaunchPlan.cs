using System.Reflection;
using Kernmantle.Platform.Linux;
using Kernmantle.Wire.Start;

namespace Kernmantle.Host.Launch.Plan;

/// <summary>How to start this program again: the executable, its arguments, and the name by which the runtime finds our hook.</summary>
internal sealed record LaunchPlan(string Executable, IReadOnlyList<string> Arguments, string HookName)
{
    private static readonly Lazy<LaunchPlan> Own = new(Create);

    /// <summary>The plan for this process.</summary>
    /// <exception cref="PlatformNotSupportedException">This program cannot start workers; the message says why and what to do.</exception>
    public static LaunchPlan Current => Own.Value;

    /// <summary>The arguments for <c>dotnet</c>; an app host (also self-contained or single-file) needs none.</summary>
    internal static IReadOnlyList<string> ArgumentsFor(string executable, HostCommandLine commandLine, StartPlaces places)
    {
        if (Path.GetFileNameWithoutExtension(executable) != "dotnet")
            return [];
        string application = commandLine.Application is { } written ? places.Application(written)
            : places.EntryAssembly ?? throw LaunchSupport.NotSupported("the entry assembly has no file that dotnet could run again", "Start the program with 'dotnet app.dll' or through its app host.");
        return ["exec", .. commandLine.Options.SelectMany(o => (string[])[o.Name, HostCommandLine.IsPath(o.Name) ? places.Other(o.Value) : o.Value]), application];
    }

    private static LaunchPlan Create()
    {
        LaunchSupport.Check();
        string executable = Environment.ProcessPath!;
        var places = new StartPlaces(
            Environment.CurrentDirectory,
            AssemblyFile.PathOf(Assembly.GetEntryAssembly()!),
            Environment.GetEnvironmentVariable("PWD"),
            static path => File.Exists(path) || Directory.Exists(path));
        return new(executable, ArgumentsFor(executable, HostCommandLine.Parse(ProcFiles.CommandLine()), places), AssemblyFile.HookNameOf(typeof(LaunchPlan).Assembly));
    }
}
