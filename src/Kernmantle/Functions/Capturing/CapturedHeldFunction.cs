using System.Reflection;
using Kernmantle.Functions.Descriptors;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Functions.Capturing;

/// <summary>A captured <see cref="HeldFunction{T}"/>: the length of the function's descriptor, that, and what the function captures.</summary>
internal sealed class CapturedHeldFunction<T>(FieldInfo field) : CapturedField(field)
{
    private static readonly FunctionShape Shape = new(ReturnKind.Value, IsVoid: false, HasToken: false);
    private static readonly ReadDescriptors<Received> Known = new(static (ref reader) =>
    {
        reader.ReadShape();
        return new(reader.ReadType(), reader.ReadMethod(), reader.ReadTarget());
    });

    // What it captures itself is known with its value only.
    public override bool IsByValue => false;

    public override bool IsPlain => false;

    public override bool IsFrozen => false;

    public override void Warm()
    {
        // Which function it is is known only when a call comes.
    }

    public override void Write(ref PayloadWriter writer, object closure)
    {
        Func<T, T> function = ((HeldFunction<T>)Field.GetValue(closure)!).Call;
        Function identity = Function.Of<ValueTuple<T>, T>(function, Shape);
        writer.WriteInt32(identity.Descriptor.Length);
        writer.WriteBytes(identity.Descriptor.Span);
        identity.WriteCaptures(ref writer, function);
    }

    public override void Read(ref PayloadReader reader, object closure)
    {
        Received function = Known.Get(reader.ReadBytes(reader.ReadInt32()));
        Field.SetValue(closure, HeldFunction<T>.Of((Func<T, T>)BoundDelegate.Create(function.Type, function.Target.Read(ref reader), function.Method)));
    }

    private sealed record Received(Type Type, MethodInfo Method, CapturedTarget Target);
}
