using Kernmantle.Benchmarks.Catalogue;

namespace Kernmantle.Benchmarks;

/// <summary>What the user asked for.</summary>
/// <param name="Groups">What is measured: all, or those that were named.</param>
/// <param name="Build">Where the peers are built, and where a refused run is kept.</param>
internal sealed record CommandLine(Mode Mode, IReadOnlyList<Group> Groups, string Build, bool List = false, bool Help = false)
{
    public static string Usage { get; } = """
        Measures the library beside its peers, in one run and in turns. Linux only.

          eng/bench                  7 rounds of what is judged, 3 of the rest: about half an hour
          eng/bench --quick          5 rounds of what is judged, one of the rest: about five minutes
          eng/bench --nightly        9 rounds, with 500 workers and a million queued calls
          eng/bench --only NAME,...  only these groups (NAME, and NAME-...), with any of the above; writes no file
          eng/bench --list           the groups, what each measures, and its goals
          eng/bench --install        first installs what the peers need (Debian, root); a peer that cannot be installed is told, not fatal
          eng/bench --help           this text

        Where the noise check accepts the run, it writes bench/results/latest.md and latest.json; otherwise it says why, keeps the run as
        refused.md and refused.json in its build folder (artifacts/bench, or KERNMANTLE_BENCH_BUILD), and ends with code 4. What a missing peer
        leaves unjudged is said as "no peer", with the reason.
        """;

    /// <summary>The system's own Python has Debian's packages; another one, first in the path, may have none.</summary>
    public static string Python => File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

    /// <exception cref="FormatException">There is something that is no option; the message is one sentence.</exception>
    public static CommandLine Parse(string[] arguments)
    {
        var options = new CommandLine(Mode.Full, Topics.Groups, Environment.GetEnvironmentVariable("KERNMANTLE_BENCH_BUILD") ?? Path.GetFullPath(Path.Combine("artifacts", "bench")));
        for (int i = 0; i < arguments.Length; i++)
        {
            options = arguments[i] switch
            {
                "--quick" => options with { Mode = Mode.Quick },
                "--nightly" => options with { Mode = Mode.Nightly },
                "--list" => options with { List = true },
                "--help" or "-h" => options with { Help = true },
                "--only" when i + 1 < arguments.Length => options with { Groups = [.. Named(arguments[++i])] },
                "--only" => throw new FormatException("--only needs the names of groups."),
                var other => throw new FormatException($"'{other}' is no option."),
            };
        }
        return options;
    }

    private static IEnumerable<Group> Named(string names)
    {
        string[] wanted = names.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string[] known = [.. Topics.Groups.Select(static group => group.Name)];
        return wanted.FirstOrDefault(name => !Array.Exists(known, group => Is(group, name))) is { } unknown ? throw new FormatException($"There is no group '{unknown}'; there are {string.Join(", ", known)}.")
            : wanted.Length == 0 ? throw new FormatException("--only needs the names of groups.")
            : Topics.Groups.Where(group => Array.Exists(wanted, name => Is(group.Name, name)));
    }

    private static bool Is(string group, string name) => group == name || group.StartsWith(name + "-", StringComparison.Ordinal);
}
