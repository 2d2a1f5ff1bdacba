using System.Globalization;

namespace Kernmantle.Chaos;

/// <summary>What was asked for on the command line.</summary>
internal sealed record ChaosOptions
{
    public const string Usage = "usage: Chaos [--minutes N] [--seed S] [--round-seconds N] [--verbose]";

    public double Minutes { get; init; } = 2;

    public long Seed { get; init; } = Random.Shared.Next();

    public int RoundSeconds { get; init; } = 12;

    public bool Verbose { get; init; }

    /// <summary>Where memory is taken away for moments.</summary>
    public string FillFolder { get; } = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    /// <exception cref="FormatException">It is not understood.</exception>
    public static ChaosOptions Parse(string[] arguments)
    {
        var options = new ChaosOptions();
        for (int i = 0; i < arguments.Length; i++)
        {
            options = arguments[i] switch
            {
                "--minutes" => options with { Minutes = double.Parse(Value(), CultureInfo.InvariantCulture) },
                "--seed" => options with { Seed = long.Parse(Value(), CultureInfo.InvariantCulture) },
                "--round-seconds" => options with { RoundSeconds = int.Parse(Value(), CultureInfo.InvariantCulture) },
                "--verbose" => options with { Verbose = true },
                string other => throw new FormatException($"{other} is not understood."),
            };

            string Value() => ++i < arguments.Length ? arguments[i] : throw new FormatException($"{arguments[i - 1]} needs a value.");
        }
        return options is { Minutes: > 0 and < 100_000, RoundSeconds: > 0 } ? options : throw new FormatException("Times must be positive.");
    }
}
