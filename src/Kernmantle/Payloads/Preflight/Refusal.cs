namespace Kernmantle.Payloads.Preflight;

/// <summary>Why values of a type cannot cross.</summary>
/// <param name="Blamed">The type to blame; null if the member itself is to blame and not its type.</param>
/// <param name="Remedy">What to do instead.</param>
/// <param name="Path">The member, as a path from the type that was asked about; empty if it is that type itself.</param>
internal sealed record Refusal(string? Blamed, string Remedy, string Path = "")
{
    /// <summary>Reads like <c>Order.Lines.[].Stream (FileStream)</c>.</summary>
    public string Subject => Path.Length == 0 ? Blamed ?? "" : Blamed is null ? Path : $"{Path} ({Blamed})";

    public NotPortableException ToException() => new(Subject, Remedy);

    public Refusal Within(string member) => this with { Path = Path.Length == 0 ? member : $"{member}.{Path}" };
}
