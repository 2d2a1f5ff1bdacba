using System.Collections.Immutable;

namespace Kernmantle.Python;

/// <summary>Arguments by position and by name. Immutable.</summary>
/// <example><c>PythonArguments.Of(path).With("encoding", "utf-8")</c></example>
public sealed class PythonArguments
{
    private PythonArguments(ImmutableArray<object?> positional, ImmutableList<KeyValuePair<string, object?>> keywords) =>
        (Positional, Keywords) = (positional, keywords);

    /// <summary>No arguments.</summary>
    public static PythonArguments None { get; } = new([], []);

    internal ImmutableArray<object?> Positional { get; }

    internal ImmutableList<KeyValuePair<string, object?>> Keywords { get; }

    /// <summary>Arguments by position.</summary>
    public static PythonArguments Of(params ReadOnlySpan<object?> arguments) => new([.. arguments], []);

    /// <summary>The same, and one by name.</summary>
    /// <exception cref="ArgumentException">No name, or one that is there already.</exception>
    public PythonArguments With(string name, object? value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (Keywords.Exists(k => k.Key == name))
            throw new ArgumentException($"There is an argument '{name}' already.", nameof(name));
        return new(Positional, Keywords.Add(new(name, value)));
    }
}
