using PlugIn.Contract;
using PlugIn.Words;

namespace PlugIn.Text;

/// <summary>A plug-in with state, a dependency of its own, and a fault.</summary>
public sealed class TitlePlugIn : ITextPlugIn
{
    /// <inheritdoc/>
    public int Calls { get; private set; }

    /// <inheritdoc/>
    public string Transform(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Calls++;
        return text.StartsWith('(') ? Nested(text, 0) : WordCase.Title(text);
    }

    /// <summary>The fault: it counts on the closing parenthesis, and recurses until it comes.</summary>
    private static string Nested(string text, int depth) => text.EndsWith(')') ? text : Nested(text, depth + 1) + depth;
}
