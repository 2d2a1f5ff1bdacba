using System.Globalization;

namespace Kernmantle.Chaos;

/// <summary>What was asked for on the command line.</summary>
internal sealed record ChaosOptions
{
    public const string Usage = """
        Mixed calls amid faults, every one reconciled with what it said. docs/reliability.md describes it.

        Options:
          --minutes <minutes>    How long; 2 by default, and three rounds at least.
          --seed <seed>          The seed of the plan: the same one makes the same plan. By chance by default.
          --round-seconds <s>    How long a round of calls is; 12 by default.
          --verbose              Show what the workers write.

        Exit codes: 0 nothing was lost, untrue or leaked; 1 something was; 2 wrong use.
        """;

    private const string Remedy = "See 'eng/chaos --help'.";

    public double Minutes { get; init; } = 2;

    public long Seed { get; init; } = Random.Shared.Next();

    public int RoundSeconds { get; init; } = 12;

    public bool Verbose { get; init; }

    /// <summary>Where memory is taken away for moments.</summary>
    public string FillFolder { get; } = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    /// <exception cref="FormatException">It is not understood. The message is one line.</exception>
    public static ChaosOptions Parse(string[] arguments)
    {
        var options = new ChaosOptions();
        for (int i = 0; i < arguments.Length; i++)
        {
            options = arguments[i] switch
            {
                "--minutes" => options with { Minutes = Fraction(Value()) },
                "--seed" => options with { Seed = Whole(Value(), 0, long.MaxValue) },
                "--round-seconds" => options with { RoundSeconds = (int)Whole(Value(), 1, 100_000) },
                "--verbose" => options with { Verbose = true },
                string other => throw new FormatException($"'{other}' is not understood. {Remedy}"),
            };

            string Value() => ++i < arguments.Length ? arguments[i] : throw new FormatException($"{arguments[i - 1]} needs a value. {Remedy}");

            double Fraction(string text) =>
                double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) && number is >= 0.01 and <= 100_000
                    ? number
                    : throw new FormatException($"{arguments[i - 1]} must be a number from 0.01 to 100000, not '{text}'.");

            long Whole(string text, long least, long most) =>
                long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most
                    ? number
                    : throw new FormatException($"{arguments[i - 1]} must be a whole number from {least} to {most}, not '{text}'.");
        }
        return options;
    }
}
