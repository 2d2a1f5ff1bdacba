using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace Kernmantle.Hosting.Configuration;

/// <summary>What a check of options or the making of a pool refused, told with the keys of the configuration that said so.</summary>
internal static partial class Mistakes
{
    /// <summary>Null where it is no matter of options: then the failure says best what is wrong.</summary>
    public static string? Tell(Exception refusal, IServiceProvider services, string pool)
    {
        if (refusal is not (ArgumentException or NotSupportedException or IOException or InvalidOperationException))
            return null;
        IConfigurationSection? section = PoolSections.Of(services, pool);
        IConfigurationSection[] guilty = section is null ? [] : Guilty([.. Below(section)], refusal);
        string text = Parameter.Replace(refusal.Message, "");
        if (guilty.Length > 0)
            return $"{string.Join(" and ", guilty.Select(static s => s.Value is { } value ? $"{s.Path} = {value}" : s.Path))}: {text}";
        return refusal is ArgumentException ? $"Pool '{pool}', as code sets it: {text}" : null;
    }

    /// <summary>The value that the refusal names; or those that its text does; or the group; or those whose values it has.</summary>
    private static IConfigurationSection[] Guilty(IConfigurationSection[] configured, Exception refusal)
    {
        string? parameter = (refusal as ArgumentException)?.ParamName;
        string[] words = [.. Word.Matches(refusal.Message).Select(static w => w.Value)];
        Func<IConfigurationSection, bool>[] ways =
        [
            s => s.Value is not null && s.Key.Equals(parameter, StringComparison.OrdinalIgnoreCase),
            s => s.Value is not null && words.Contains(s.Key, StringComparer.OrdinalIgnoreCase),
            s => s.Key.Equals(parameter, StringComparison.OrdinalIgnoreCase),
            s => s.Value is { Length: > 1 } value && refusal.Message.Contains(value, StringComparison.Ordinal),
        ];
        return ways.Select(way => configured.Where(way).ToArray()).FirstOrDefault(static found => found.Length > 0, []);
    }

    private static IEnumerable<IConfigurationSection> Below(IConfigurationSection section) =>
        section.GetChildren().SelectMany(static child => Below(child).Prepend(child));

    [GeneratedRegex(@" \(Parameter '[^']*'\)(?:\s*Actual value was [^\n]*)?$", RegexOptions.Singleline)]
    private static partial Regex Parameter { get; }

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word { get; }
}
