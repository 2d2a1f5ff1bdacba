using System;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;

namespace Kernmantle.Analyzers.Modules;

/// <summary>What things are called in Python.</summary>
internal static class PythonNames
{
    private const string Suffix = "Async";

    public static string Of(IMethodSymbol method) => Given(method) ?? ToSnakeCase(
        method.Name.Length > Suffix.Length && method.Name.EndsWith(Suffix, StringComparison.Ordinal) ? method.Name.Substring(0, method.Name.Length - Suffix.Length) : method.Name);

    public static string Of(IParameterSymbol parameter) => Given(parameter) ?? ToSnakeCase(parameter.Name);

    /// <summary>What an attribute says; null without one.</summary>
    public static string? Given(ISymbol symbol) => symbol.GetAttributes().FirstOrDefault(static a => a.AttributeClass.Is("PythonNameAttribute", "Kernmantle", "Python")) is { } attribute
        ? attribute.ConstructorArguments.FirstOrDefault().Value as string ?? ""
        : null;

    /// <summary>As the library names members of records, which is as <c>JsonNamingPolicy.SnakeCaseLower</c> does.</summary>
    public static string ToSnakeCase(string name)
    {
        var text = new StringBuilder(name.Length + 4);
        for (int i = 0; i < name.Length; i++)
        {
            if (char.IsUpper(name[i]) && i > 0 && (IsLowerOrDigit(name[i - 1]) || (char.IsUpper(name[i - 1]) && i + 1 < name.Length && char.IsLower(name[i + 1]))))
                text.Append('_');
            text.Append(char.IsUpper(name[i]) ? char.ToLowerInvariant(name[i]) : name[i]);
        }
        return text.ToString();
    }

    /// <summary>A name, or several with dots between them.</summary>
    public static bool IsPath(string name) => name.Split('.').All(IsName);

    public static bool IsName(string name) => name.Length > 0 && !char.IsDigit(name[0]) && name.All(static c => c == '_' || char.IsLetterOrDigit(c));

    private static bool IsLowerOrDigit(char c) => char.IsLower(c) || char.IsDigit(c);
}
