using System.Reflection;
using System.Runtime.CompilerServices;
using Kernmantle.Functions.Descriptors;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Functions.Capturing;

/// <summary>
/// A captured function value of F#. Its variable has an abstract type: which function it holds is known only when it is called, so each value is
/// preceded by the descriptor of its closure. The host names it; the worker never names a type to the host.
/// </summary>
internal sealed class CapturedFunction(FieldInfo field) : CapturedField(field)
{
    // What it captures itself is known with its value only.
    public override bool IsByValue => false;

    public override bool IsPlain => false;

    public override bool IsFrozen => false;

    /// <summary>How many functions may hold each other: two that capture each other would do so without end.</summary>
    private const int MaxDepth = 100;

    private static readonly ConditionalWeakTable<Type, Sent> Known = [];
    private static readonly ReadDescriptors<CapturedTarget> Received = new(static (ref reader) => reader.ReadTarget());

    [ThreadStatic]
    private static int depth;

    public override void Warm()
    {
        // Which function it holds is known only when a call comes.
    }

    public override void Write(ref PayloadWriter writer, object closure)
    {
        object? function = Field.GetValue(closure);
        if (function is null)
        {
            writer.WriteInt32(0);
            return;
        }
        if (depth >= MaxDepth)
            throw new NotPortableException(GeneratedNames.OfVariable(Field), "It captures functions that capture it. Make them functions of a module, and pass what they read.");
        Sent sent = KnownOf(function.GetType());
        writer.WriteInt32(sent.Descriptor.Length);
        writer.WriteBytes(sent.Descriptor);
        depth++;
        try
        {
            sent.Target.Write(ref writer, function);
        }
        catch (NotPortableException e)
        {
            throw Refusals.Named(GeneratedNames.OfVariable(Field), Field.FieldType, e);
        }
        finally
        {
            depth--;
        }
    }

    public override void Read(ref PayloadReader reader, object closure)
    {
        int length = reader.ReadInt32();
        if (length == 0)
            return;
        CapturedTarget target = Received.Get(reader.ReadBytes(length));
        Field.SetValue(closure, target.Read(ref reader));
    }

    private Sent KnownOf(Type type)
    {
        if (Known.TryGetValue(type, out Sent? known))
            return known;
        try
        {
            CapturedTarget target = Captures.OfFunction(type);
            return Known.GetValue(type, _ => new(target, DescriptorWriter.Write(type, target)));
        }
        catch (NotPortableException e)
        {
            throw Refusals.Named(GeneratedNames.OfVariable(Field), Field.FieldType, e);
        }
    }

    private sealed record Sent(CapturedTarget Target, byte[] Descriptor);
}
