using System.Reflection;
using System.Runtime.CompilerServices;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Payloads.Plain;

/// <summary>An object, or a struct in its box, member by member. Its constructor runs, with the members that it takes; the others are set after it.</summary>
/// <param name="type">The type.</param>
/// <param name="members">All fields, in the order in which they are written.</param>
/// <param name="constructor">Null: a struct without one.</param>
/// <param name="parameters">For each parameter the member that it takes.</param>
internal sealed class PlainObject(Type type, PlainObject.Member[] members, ConstructorInfo? constructor, int[] parameters) : PlainShape
{
    private readonly bool isValue = type.IsValueType;
    private readonly bool isLeaf = Array.TrueForAll(members, static m => m.Shape.IsLeaf);
    private ConstructorInvoker? invoker;

    /// <summary>A class: a list of a struct would be compiled in each worker.</summary>
    internal sealed class Member(FieldInfo info, PlainShape shape, string name)
    {
        public FieldInfo Field => info;

        public PlainShape Shape => shape;

        public string Name => name;

        /// <summary>The constructor takes it.</summary>
        public bool IsTaken { get; set; }
    }

    public override bool IsLeaf => isValue && isLeaf;

    public override bool HoldsLeaves => isLeaf;

    public override void Write(ref PayloadWriter writer, object? value)
    {
        if (!isValue)
            writer.WriteByte(value is null ? (byte)0 : (byte)1);
        if (value is null)
            return;
        foreach (Member member in members)
            member.Shape.Write(ref writer, member.Field.GetValue(value));
    }

    public override object? Read(ref PayloadReader reader)
    {
        if (!isValue && !ReadPresence(ref reader))
            return null;
        var values = new object?[members.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = members[i].Shape.Read(ref reader);
        object made = Make(values);
        for (int i = 0; i < values.Length; i++)
        {
            if (!members[i].IsTaken)
                members[i].Field.SetValue(made, values[i]);
        }
        return made;
    }

    private object Make(object?[] values)
    {
        if (constructor is null)
            return RuntimeHelpers.GetUninitializedObject(type);
        var arguments = new object?[parameters.Length];
        for (int i = 0; i < arguments.Length; i++)
            arguments[i] = values[parameters[i]];
        return (invoker ??= ConstructorInvoker.Create(constructor)).Invoke(arguments.AsSpan());
    }
}
