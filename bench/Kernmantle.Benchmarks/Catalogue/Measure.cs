namespace Kernmantle.Benchmarks.Catalogue;

/// <summary>The programs that measure.</summary>
internal enum Side
{
    /// <summary>This library, in this executable.</summary>
    Ours,

    /// <summary>.NET alone, in this executable.</summary>
    Dotnet,

    /// <summary>Remote procedure calls in .NET, in <c>peers/dotnet</c>: an executable of its own, since what it refers to would slow the start of our workers.</summary>
    Rpc,

    /// <summary>A Python in the program itself, in <c>peers/pythonnet</c>.</summary>
    Pythonnet,

    C,
    Python,
    Node,
    Erlang,
}

/// <summary>What the machine does meanwhile.</summary>
internal enum Condition
{
    Free,

    /// <summary>Every processor has a loop to run that never ends.</summary>
    Busy,

    /// <summary>All of it, workers included, is bound to one processor.</summary>
    OneCore,
}

/// <summary>How many, where a number is fixed: in a quick run, a full one, a nightly one.</summary>
internal sealed record Counts(int Quick, int Full, int Nightly)
{
    public Counts(int quick, int full)
        : this(quick, full, full)
    {
    }

    public int Of(Mode mode) => mode switch { Mode.Quick => Quick, Mode.Full => Full, _ => Nightly };
}

internal enum Mode
{
    Quick,
    Full,
    Nightly,
}

/// <summary>One start of one measuring program.</summary>
/// <param name="Side">Which one.</param>
/// <param name="What">Its name for the measure.</param>
/// <param name="Title">The row's name in the report.</param>
internal sealed record Measure(Side Side, string What, string Title)
{
    /// <summary>Further measurements that the same start prints: metric, and the row's name.</summary>
    public (string Metric, string Title)[] More { get; init; } = [];

    public Condition Condition { get; init; }

    public Counts Count { get; init; } = new(0, 0);

    /// <summary>In how many rounds at most: for what takes seconds.</summary>
    public int MaxRounds { get; init; } = int.MaxValue;

    /// <summary>Only in nightly runs.</summary>
    public bool Nightly { get; init; }

    public bool IsPeer => Side != Side.Ours;

    public string Key(string? metric = null) =>
        $"{Side.ToString().ToLowerInvariant()}.{What}{(Condition == Condition.Free ? "" : $"@{Condition.ToString().ToLowerInvariant()}")}{(string.IsNullOrEmpty(metric) ? "" : $".{metric}")}";
}

/// <summary>Measures that take turns, and stand in one table.</summary>
internal sealed record Group(string Name, string Title, params Measure[] Measures);
