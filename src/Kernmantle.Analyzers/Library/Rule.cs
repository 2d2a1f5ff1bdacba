using Microsoft.CodeAnalysis;

namespace Kernmantle.Analyzers.Library;

/// <summary>Describes a rule: its page has its number.</summary>
internal static class Rule
{
    /// <summary>What may cross to a process.</summary>
    public const string Portability = "Portability";

    /// <summary>How calls are made.</summary>
    public const string Usage = "Usage";

    /// <summary>What pools and their objects cost and hold.</summary>
    public const string Reliability = "Reliability";

    public static DiagnosticDescriptor New(string id, string category, string title, string message, string description, DiagnosticSeverity severity = DiagnosticSeverity.Warning, params string[] tags) =>
        new(id, title, message, category, severity, isEnabledByDefault: true, description, $"docs/analyzers/{id}.md", tags);
}
