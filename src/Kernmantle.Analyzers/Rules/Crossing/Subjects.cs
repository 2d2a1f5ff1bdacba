using Kernmantle.Analyzers.Portability;
using Microsoft.CodeAnalysis;

namespace Kernmantle.Analyzers.Rules.Crossing;

/// <summary>How messages name what cannot cross.</summary>
internal static class Subjects
{
    /// <summary>A variable, with what of its value is refused: <c>order.Lines.[].Source (FileStream)</c>.</summary>
    public static string Of(string variable, Refusal refusal) =>
        refusal.Path.Length == 0 ? $"{variable} ({refusal.Subject})" : $"{variable}.{refusal.Subject}";

    /// <summary>A type, with what of it is refused.</summary>
    public static string Of(ITypeSymbol type, Refusal refusal) =>
        refusal.Path.Length == 0 ? refusal.Subject : $"{Refusal.Name(type)}.{refusal.Subject}";
}
