using Kernmantle.Benchmarks.Catalogue;

namespace Kernmantle.Benchmarks;

/// <summary>What the user asked for.</summary>
/// <param name="Only">One group; null for all.</param>
/// <param name="Build">Where the peers are built.</param>
internal sealed record CommandLine(Mode Mode, string? Only, string Build)
{
    public static string Usage { get; } = $"""
        Measures the library beside its peers, in one run and in turns. Linux only; run it from the repository's root.

          eng/bench                  a quarter of an hour
          eng/bench --quick          less than five minutes
          eng/bench --nightly        also 500 workers and a million queued calls
          eng/bench --only NAME      one of {string.Join(", ", Groups.All.Select(static g => g.Name))}; writes no file
          eng/bench --install        first installs what the peers need (Debian, root)

        Writes bench/results/latest.md and latest.json. A peer that is not installed is reported as missing.
        """;

    /// <summary>The system's own Python has Debian's packages; another one, first in the path, may have none.</summary>
    public static string Python => File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

    public static CommandLine? TryParse(string[] arguments)
    {
        var options = new CommandLine(Mode.Full, null, Environment.GetEnvironmentVariable("KERNMANTLE_BENCH_BUILD") ?? Path.GetFullPath(Path.Combine("artifacts", "bench")));
        for (int i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--quick":
                    options = options with { Mode = Mode.Quick };
                    break;
                case "--nightly":
                    options = options with { Mode = Mode.Nightly };
                    break;
                case "--only" when i + 1 < arguments.Length && Groups.All.Any(group => group.Name == arguments[i + 1]):
                    options = options with { Only = arguments[++i] };
                    break;
                default:
                    return null;
            }
        }
        return options;
    }
}
