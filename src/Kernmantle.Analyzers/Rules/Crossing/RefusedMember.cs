using System.Collections.Immutable;
using System.Linq;
using Kernmantle.Analyzers.Portability;
using Microsoft.CodeAnalysis;

namespace Kernmantle.Analyzers.Rules.Crossing;

/// <summary>Tells a code fix which property of the program would have to be settable.</summary>
public static class RefusedMember
{
    /// <summary>The file of the property's declaration.</summary>
    public const string File = "file";

    /// <summary>Where it begins there.</summary>
    public const string Position = "position";

    internal static ImmutableDictionary<string, string?>? PropertiesOf(Refusal refusal) =>
        refusal.Blamed is IPropertySymbol property && property.Locations.FirstOrDefault(static l => l.IsInSource) is { SourceTree: { } tree } location
            ? ImmutableDictionary<string, string?>.Empty.Add(File, tree.FilePath).Add(Position, location.SourceSpan.Start.ToString(System.Globalization.CultureInfo.InvariantCulture))
            : null;
}
