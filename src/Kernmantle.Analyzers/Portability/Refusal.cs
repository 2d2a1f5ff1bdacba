using Microsoft.CodeAnalysis;

namespace Kernmantle.Analyzers.Portability;

/// <summary>Why values of a type cannot cross to a process: what <c>NotPortableException</c> would say.</summary>
/// <param name="blamed">The type, or the member of a type, that is to blame.</param>
/// <param name="remedy">What to do instead.</param>
/// <param name="isHandle">It is a handle or an address.</param>
internal sealed class Refusal(ISymbol blamed, string remedy, bool isHandle = false)
{
    /// <summary>A member whose value would be lost, or a type that cannot cross.</summary>
    public ISymbol Blamed => blamed;

    public string Remedy => remedy;

    public bool IsHandle => isHandle;

    /// <summary>Reads like <c>Order.Lines.[].Source (FileStream)</c>, as the exception's does.</summary>
    public string Subject => Path.Length == 0 ? Name(blamed) : blamed is ITypeSymbol ? $"{Path} ({Name(blamed)})" : Path;

    /// <summary>The way from the type that was asked about to what is blamed.</summary>
    public string Path { get; private set; } = "";

    public Refusal Within(string member) => new(blamed, remedy, isHandle) { Path = Path.Length == 0 ? member : $"{member}.{Path}" };

    public static string Name(ISymbol symbol) => symbol.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat);
}
