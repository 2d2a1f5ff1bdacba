namespace Kernmantle.Host.Launch.Plan;

/// <summary>
/// What the <c>dotnet</c> executable was told: <c>dotnet [exec] [host options] app.dll [arguments]</c>. The program itself sees only
/// its arguments; without the options another runtime or other dependencies might be chosen for the worker.
/// </summary>
/// <param name="Options">Host options, each with its value.</param>
/// <param name="Application">The application as it was written; null for a command of the SDK, such as <c>dotnet build</c>.</param>
internal sealed record HostCommandLine(IReadOnlyList<(string Name, string Value)> Options, string? Application)
{
    private static readonly string[] WithValue =
    [
        "--additionalprobingpath", "--depsfile", "--runtimeconfig", "--fx-version", "--roll-forward", "--roll-forward-on-no-candidate-fx", "--additional-deps",
    ];

    /// <summary>Options whose value is a file or folder.</summary>
    public static bool IsPath(string option) => option is "--additionalprobingpath" or "--depsfile" or "--runtimeconfig";

    /// <summary>Options for another start, wherever that is.</summary>
    public static IEnumerable<string> Format(IEnumerable<(string Name, string Value)> options, StartPlaces places) =>
        options.SelectMany(o => (string[])[o.Name, IsPath(o.Name) ? places.Other(o.Value) : o.Value]);

    /// <param name="commandLine">The whole command line; the first item is the executable.</param>
    public static HostCommandLine Parse(IReadOnlyList<string> commandLine)
    {
        var options = new List<(string, string)>();
        int i = commandLine is [_, "exec", ..] ? 2 : 1;
        while (i + 1 < commandLine.Count && WithValue.Contains(commandLine[i], StringComparer.OrdinalIgnoreCase))
        {
            options.Add((commandLine[i].ToLowerInvariant(), commandLine[i + 1]));
            i += 2;
        }
        return i < commandLine.Count && IsApplication(commandLine[i]) ? new(options, commandLine[i]) : new([], null);
    }

    /// <summary>The host's own rule for telling an application from a command.</summary>
    private static bool IsApplication(string argument) =>
        argument.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) || argument.EndsWith(".exe", StringComparison.OrdinalIgnoreCase);
}
