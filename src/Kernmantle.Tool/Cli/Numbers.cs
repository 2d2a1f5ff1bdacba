using System.CommandLine.Parsing;
using System.Globalization;

namespace Kernmantle.Tool.Cli;

/// <summary>
/// Parsers of options that are numbers: digits, and a point in what may be a fraction, whatever the user's language. Anything else, and what
/// is out of range, is one error. (The library's own conversion would take "1,5" for 15, and throw where a validator asks for what is no number.)
/// </summary>
internal static class Numbers
{
    /// <summary>The longest time, in seconds: more than eleven days.</summary>
    private const double MostSeconds = 1e6;

    /// <summary>The shortest: what is less is no time at all to the system's timers.</summary>
    private const double LeastSeconds = 0.001;

    /// <param name="because">Added to the error: why the least is the least.</param>
    public static int Whole(ArgumentResult result, int least, int most, string because = "")
    {
        string text = TextOf(result);
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most)
            return number;
        result.AddError(string.Create(CultureInfo.InvariantCulture, $"{NameOf(result)} must be a whole number from {least} to {most}, not '{text}'{because}."));
        return 0;
    }

    /// <summary>A time in seconds.</summary>
    public static double Seconds(ArgumentResult result)
    {
        string text = TextOf(result);
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) && number is >= LeastSeconds and <= MostSeconds)
            return number;
        result.AddError(string.Create(CultureInfo.InvariantCulture, $"{NameOf(result)} must be a number of seconds from {LeastSeconds} to {MostSeconds:F0}, such as 1.5, not '{text}'."));
        return 0;
    }

    private static string TextOf(ArgumentResult result) => result.Tokens is [.., var last] ? last.Value : "";

    private static string NameOf(ArgumentResult result) => result.Parent is OptionResult { Option.Name: var name } ? name : result.Argument.Name;
}
