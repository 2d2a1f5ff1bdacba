using System.Runtime.CompilerServices;
using Kernmantle.Payloads;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Functions.Capturing;

/// <summary>How a delegate's target crosses. Immutable and thread-safe.</summary>
internal abstract class CapturedTarget
{
    /// <summary>The same target serves every call: nothing travels, and the worker makes its delegate once.</summary>
    public virtual bool IsConstant => true;

    /// <summary>Nothing of it is linked to this process: no token, no progress sink, no shared buffer.</summary>
    public virtual bool IsByValue => true;

    /// <summary>Making it in a worker runs no code of the user's.</summary>
    public virtual bool IsPlain => true;

    /// <summary>Host: no call can change anything of it, so that one copy serves many.</summary>
    public virtual bool IsFrozen => true;

    /// <summary>The captured variables that the function assigns, by name: the assignment happens to the worker's copy, and the host never sees it.</summary>
    public virtual IReadOnlyList<string> Assigned => [];

    /// <summary>Host: appends what of the target travels.</summary>
    /// <exception cref="NotPortableException">A captured value cannot cross.</exception>
    public virtual void Write(ref PayloadWriter writer, object? target)
    {
    }

    /// <summary>Worker: makes ready what a first call would make.</summary>
    public virtual void Warm()
    {
    }

    /// <summary>Worker: a target to call the function on.</summary>
    public abstract object? Read(ref PayloadReader reader);
}

/// <summary>A static function.</summary>
internal sealed class NoTarget : CapturedTarget
{
    public override object? Read(ref PayloadReader reader) => null;
}

/// <summary>A target without any state, such as the one of a lambda that captures nothing: any instance is as good.</summary>
internal sealed class StatelessTarget(Type type) : CapturedTarget
{
    // Without its constructor; its static one may run, so not before the first call.
    private object? target;

    public override object? Read(ref PayloadReader reader) => target ??= RuntimeHelpers.GetUninitializedObject(type);
}

/// <summary>An object of the user, by value: <c>this</c>, or the first argument that an extension method is bound to.</summary>
internal sealed class ValueTarget<T>(Codec<T> codec) : CapturedTarget
{
    public override void Warm() => codec.Warm();

    public override bool IsConstant => false;

    public override bool IsByValue => codec is not (ILinkCodec or SharedBuffers.ISharedBufferCodec);

    public override bool IsPlain => codec is IPlainCodec;

    public override bool IsFrozen => false;

    public override void Write(ref PayloadWriter writer, object? target)
    {
        try
        {
            codec.Write(ref writer, (T)target!);
        }
        catch (NotPortableException e)
        {
            throw Refusals.Named("The captured this", typeof(T), e);
        }
    }

    public override object? Read(ref PayloadReader reader) => codec.Read(ref reader);
}

/// <summary>A closure: a new one is made in the worker, with those of its variables that the function reads.</summary>
internal sealed class ClosureTarget(Type type, IReadOnlyList<CapturedField> fields, IReadOnlyList<string> assigned, bool isOnlyRead = false) : CapturedTarget
{
    private readonly CapturedField[] fields = [.. fields];

    public Type Type => type;

    public IReadOnlyList<CapturedField> Fields => fields;

    public override IReadOnlyList<string> Assigned => assigned;

    public override bool IsConstant => false;

    public override bool IsByValue => Array.TrueForAll(fields, static f => f.IsByValue);

    public override bool IsPlain => Array.TrueForAll(fields, static f => f.IsPlain);

    public override bool IsFrozen => isOnlyRead && Array.TrueForAll(fields, static f => f.IsFrozen);

    public override void Write(ref PayloadWriter writer, object? target)
    {
        foreach (CapturedField field in fields)
            field.Write(ref writer, target!);
    }

    public override void Warm() => Array.ForEach(fields, static f => f.Warm());

    public override object Read(ref PayloadReader reader)
    {
        object closure = RuntimeHelpers.GetUninitializedObject(type);
        foreach (CapturedField field in fields)
            field.Read(ref reader, closure);
        return closure;
    }
}
