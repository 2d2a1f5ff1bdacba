namespace Kernmantle.Payloads;

/// <summary>Why values of a type cannot cross.</summary>
/// <param name="Subject">The type, or the member that is to blame, as a path from it.</param>
/// <param name="Remedy">What to do instead.</param>
internal sealed record Refusal(string Subject, string Remedy)
{
    public NotPortableException ToException() => new(Subject, Remedy);

    public Refusal Within(string member) => this with { Subject = $"{member}.{Subject}" };
}
